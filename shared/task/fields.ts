export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

/** Named values of a record: the submitted entity, or what a provider gave. Keys are snake_case. */
export type Fields = Record<string, Json>;
