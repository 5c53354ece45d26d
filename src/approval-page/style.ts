/** Everything that the page looks like. System fonts only: the page loads nothing from anywhere. */
export const style = `
:root {
  color-scheme: light dark;
  --ground: #f4f5f7; --sheet: #fff; --ink: #1b1f24; --quiet: #57606a; --line: #d8dee4;
  --call: #116329; --call-ink: #fff; --warn: #a40e26; --focus: #0969da;
}
@media (prefers-color-scheme: dark) {
  :root {
    --ground: #0d1117; --sheet: #161b22; --ink: #e6edf3; --quiet: #9aa4af; --line: #30363d;
    --call: #2ea043; --call-ink: #04130a; --warn: #ff8a80; --focus: #58a6ff;
  }
}
* { box-sizing: border-box; }
body { margin: 0; background: var(--ground); color: var(--ink); font: 16px/1.5 system-ui, sans-serif; }
main {
  max-width: 40rem; margin: 3rem auto; padding: 2rem; background: var(--sheet);
  border: 1px solid var(--line); border-radius: 12px; overflow-wrap: anywhere;
}
h1 { margin: 0 0 .5rem; font-size: 1.6rem; line-height: 1.25; }
h1:focus, [role=status]:focus { outline: none; }
p { margin: 0 0 1rem; }
dl { display: grid; grid-template-columns: 8rem 1fr; margin: 1.5rem 0; border-top: 1px solid var(--line); }
dt, dd { margin: 0; padding: .55rem 0; border-bottom: 1px solid var(--line); }
dt { color: var(--quiet); }
dd span { display: block; }
dd span + span { color: var(--quiet); font-size: .92rem; }
dd.list span + span { color: inherit; font-size: inherit; margin-top: .4rem; }
table { width: 100%; border-collapse: collapse; }
th, td { text-align: left; padding: .4rem .75rem .4rem 0; border-bottom: 1px solid var(--line); vertical-align: top; }
th { color: var(--quiet); font-weight: 400; }
td:last-child { white-space: nowrap; }
form.list { margin: 0 0 1.5rem; }
label { display: block; font-weight: 600; margin-bottom: .35rem; }
input {
  width: 100%; max-width: 16rem; padding: .6rem .75rem; font: inherit; font-size: 1.1rem;
  color: inherit; background: var(--ground); border: 1px solid var(--quiet); border-radius: 8px;
}
input[aria-invalid=true] { border-color: var(--warn); }
.error { color: var(--warn); margin: .5rem 0 0; font-weight: 600; }
.buttons { display: flex; flex-wrap: wrap; gap: .75rem; margin: 1.25rem 0 1rem; }
button {
  padding: .65rem 1.25rem; font: inherit; font-weight: 600; border-radius: 8px; cursor: pointer;
  color: inherit; background: transparent; border: 1px solid var(--quiet);
}
button.stop { color: #fff; background: #a40e26; border-color: #a40e26; }
.state { font-size: 1.2rem; font-weight: 600; margin: 0 0 .5rem; }
form.search { display: flex; flex-wrap: wrap; align-items: end; gap: .5rem; margin: 0 0 1rem; }
form.search label { width: 100%; margin: 0; }
button.call { color: var(--call-ink); background: var(--call); border-color: var(--call); }
details { margin: 0 0 1.5rem; }
summary { cursor: pointer; color: var(--quiet); min-height: 24px; }
details dl { margin: .5rem 0 0; }
dd.warn { color: var(--warn); font-weight: 600; }
a.live { display: inline-block; padding: .65rem 1.25rem; font-weight: 600; border: 1px solid var(--quiet); border-radius: 8px; color: inherit; }
button:disabled { opacity: .55; cursor: default; }
:focus-visible { outline: 3px solid var(--focus); outline-offset: 2px; }
.quiet { color: var(--quiet); font-size: .92rem; margin: 0; }
section { border-top: 1px solid var(--line); padding-top: 1.5rem; margin-top: 1.5rem; }
h2, h3 { margin: 0 0 .35rem; font-size: 1.15rem; }
h3 { font-size: 1.05rem; }
.unseen { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
@media (max-width: 34rem) {
  main { margin: 0; padding: 1.25rem; min-height: 100vh; border: 0; border-radius: 0; }
  dl { grid-template-columns: 1fr; }
  dt { padding-bottom: 0; border-bottom: 0; font-size: .92rem; }
  dd { padding-top: 0; }
  input { max-width: none; }
  .buttons { flex-direction: column; }
}
`;
