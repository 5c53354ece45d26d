import { useState } from "preact/hooks";
import { ask } from "./source.ts";

/** Asks for the token of the server; `entered` once it took one. */
export function Login({ entered }: { readonly entered: () => void }) {
  const [error, setError] = useState("");
  const enter = (form: HTMLFormElement): void => {
    ask("login", { token: String(new FormData(form).get("token") ?? "") }).then(entered, (problem: unknown) =>
      setError(problem instanceof Error ? problem.message : String(problem)),
    );
  };
  return (
    <main class="login">
      <h1>Batch calls</h1>
      <p>See campaigns as they move, and stop them.</p>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          enter(event.currentTarget);
        }}
      >
        <label>
          <span>Token of this server</span>
          <input name="token" type="password" autocomplete="current-password" required aria-describedby="wrong" />
        </label>
        <p class="told bad" id="wrong" role="alert">
          {error}
        </p>
        <button type="submit" class="main">
          Log in
        </button>
      </form>
    </main>
  );
}
