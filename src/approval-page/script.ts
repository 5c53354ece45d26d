/**
 * All that runs in the browser: it posts a form's fields, with the secret of the address where there is one, and shows
 * the HTML that comes back. What is shown is decided and escaped on the server.
 */
export const script = `
const main = document.querySelector("main");
const secret = location.hash.slice(1);

async function show(path, fields) {
  const headers = secret ? { "X-Approval-Secret": secret } : {};
  try {
    const response = await fetch(path, { method: "POST", headers, body: new URLSearchParams(fields) });
    const isOurs = (response.headers.get("Content-Type") ?? "").startsWith("text/html");
    main.innerHTML = isOurs ? await response.text() : main.dataset.refused;
  } catch {
    main.innerHTML = main.dataset.gone;
  }
  document.title = main.querySelector("h1").textContent;
  main.querySelector("[data-focus]").focus();
  countDown();
  follow();
}

let looking;
function follow() {
  clearTimeout(looking);
  const live = main.querySelector("[data-live]");
  if (!live || live.querySelector("[data-over]")) return;
  looking = setTimeout(() => put(live, live.dataset.live, { id: live.dataset.id }, live.dataset.lost).finally(follow), 3000);
}

async function put(live, path, fields, lost) {
  const told = live.querySelector("[data-told]");
  const isStop = lost === live.dataset.unstopped;
  try {
    const headers = secret ? { "X-Approval-Secret": secret } : {};
    const response = await fetch(path, { method: "POST", headers, body: new URLSearchParams(fields) });
    const answer = document.createElement("template");
    answer.innerHTML = await response.text();
    const parts = answer.content.querySelectorAll("[data-part]");
    if (!response.ok || parts.length === 0) throw new Error(path);
    const hadFocus = isStop || live.contains(document.activeElement);
    live.querySelectorAll("[data-part]").forEach((part, at) => {
      if (part.outerHTML !== parts[at].outerHTML) part.replaceWith(parts[at]);
    });
    // The button that was pressed may be gone: the keyboard goes on at what came of it.
    if (hadFocus && !live.contains(document.activeElement)) live.querySelector("[role=status]").focus();
    told.textContent = "";
  } catch {
    // What stands there stays, the button above all: the next answer may come.
    for (const button of live.querySelectorAll("button")) button.disabled = false;
    if (isStop) live.querySelector("button")?.focus();
    if (isStop || told.textContent === "") told.textContent = lost;
  }
}

let ticking;
function countDown() {
  clearInterval(ticking);
  const left = main.querySelector("[data-left]");
  if (!left) return;
  const shownAt = performance.now();
  const tick = () => {
    const seconds = Math.max(0, Math.round(left.dataset.left - (performance.now() - shownAt) / 1000));
    const clock = Math.floor(seconds / 60) + ":" + String(seconds % 60).padStart(2, "0");
    left.textContent = seconds > 0 ? "This question ends in " + clock + "." : "This question has ended.";
  };
  tick();
  ticking = setInterval(tick, 1000);
}

main.addEventListener("submit", (event) => {
  event.preventDefault();
  const fields = new FormData(event.target, event.submitter);
  for (const button of event.target.querySelectorAll("button")) button.disabled = true;
  if ("stops" in event.target.dataset) {
    clearTimeout(looking);
    const live = event.target.closest("[data-live]");
    put(live, event.target.getAttribute("action"), fields, live.dataset.unstopped).finally(follow);
    return;
  }
  show(event.target.getAttribute("action"), fields);
});
addEventListener("hashchange", () => location.reload());
show(main.dataset.first, {});
`;
