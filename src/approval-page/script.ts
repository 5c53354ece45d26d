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
}

main.addEventListener("submit", (event) => {
  event.preventDefault();
  const fields = new FormData(event.target, event.submitter);
  for (const button of event.target.querySelectorAll("button")) button.disabled = true;
  show(event.target.getAttribute("action"), fields);
});
addEventListener("hashchange", () => location.reload());
show(main.dataset.first, {});
`;
