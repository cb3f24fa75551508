/** The version of the result schema: raised only if a reader of the old one would go wrong. */
export const SCHEMA_VERSION = 2;
