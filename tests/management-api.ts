/** Calls the broker's management API, whose address carries the login. Throws when it answers anything but success. */
export async function manage(
  managementUrl: string,
  request: { readonly method: 'GET' | 'PUT' | 'DELETE'; readonly path: string; readonly body?: unknown },
): Promise<unknown> {
  const { method, path, body } = request;
  const address = new URL(path, managementUrl);
  const login = `${decodeURIComponent(address.username)}:${decodeURIComponent(address.password)}`;
  // fetch refuses an address that carries a login.
  address.username = '';
  address.password = '';
  const response = await fetch(address, {
    method,
    headers: {
      authorization: `Basic ${Buffer.from(login).toString('base64')}`,
      'content-type': 'application/json',
      // The broker hangs up after five idle seconds. A process that was busy for as long would ask on a dead connection.
      connection: 'close',
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  if (!response.ok)
    throw new Error(`${method} ${path}: the management API answers ${response.status} ${text}`);
  return text === '' ? undefined : JSON.parse(text);
}
