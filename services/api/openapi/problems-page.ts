import { PROBLEMS } from '../http/problem.ts';

/** What the `type` of an error points to: one paragraph for each code. */
export function problemsPage(): string {
  const rows = Object.entries(PROBLEMS).map(
    ([code, [status, title]]) =>
      `<tr id="${code}"><td><code>${code}</code></td><td>${status}</td><td>${title}</td></tr>`,
  );
  return `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>Errors of the HTTP API</title></head>
<body>
<h1>Errors</h1>
<p>Every error is an <code>application/problem+json</code> document. Branch on its <code>code</code>.</p>
<table><thead><tr><th>code</th><th>status</th><th>meaning</th></tr></thead><tbody>
${rows.join('\n')}
</tbody></table>
</body>
</html>
`;
}
