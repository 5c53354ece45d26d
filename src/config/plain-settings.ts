/**
 * Whether each setting that was given is one of a few whose values are plainly right, so that a start with them is not refused.
 * It loads nothing: a client waits while it is asked. Settings that it does not know are left to `parseSettings`, which decides.
 */
export function arePlainlyRight(env: Readonly<Record<string, string | undefined>>): boolean {
  const given = Object.keys(env).filter((name) => name.startsWith("BATCH_CALL_") && isFilledIn(env[name]));
  const account = given.filter((name) => name.startsWith("BATCH_CALL_API_"));
  const isWhole =
    account.length === 0 || ["BATCH_CALL_API_KEY", "BATCH_CALL_API_SECRET"].every((name) => account.includes(name));
  return isWhole && given.every((name) => plainSettings[name]?.test(env[name] ?? ""));
}

/** A bundle's client passes the placeholder itself for a field that its user left blank. */
function isFilledIn(value = ""): boolean {
  return value.trim() !== "" && !/^\$\{user_config\.[^}]*\}$/.test(value.trim());
}

// None that could stand for something else, as `__KEY__` and `...` do.
const folder = /^(?!.*(__|\.\.\.))(\/[\w.@ -]+)+\/?$/;
const key = /^(?!__)(?=.*\d)[\w-]{8,200}$/;

const plainSettings: Readonly<Record<string, RegExp>> = {
  BATCH_CALL_DATA_DIR: folder,
  BATCH_CALL_FILES_DIR: folder,
  BATCH_CALL_CLIENT_ROOTS: /^(read|ignore)$/,
  // The rest of the world is looked up in the tables of the phone library.
  BATCH_CALL_DEFAULT_COUNTRY: /^(AT|AU|BE|BR|CA|CH|DE|DK|ES|FI|FR|GB|IE|IN|IT|JP|MX|NL|NO|NZ|PL|PT|SE|SG|US|ZA)$/,
  BATCH_CALL_LOG_LEVEL: /^(debug|info|warn|error|silent)$/,
  BATCH_CALL_API_KEY: key,
  BATCH_CALL_API_SECRET: key,
  BATCH_CALL_API_URL: /^(https:\/\/[a-z0-9]+([.-][a-z0-9]+)*\.[a-z]{2,}|http:\/\/127\.0\.0\.1:[1-9]\d{0,3})$/,
};
