/** The shop's one script: its own button opens the chat, as a site's scripts may. */

const deskbell = () => (window.Deskbell ??= []);

document.getElementById("ask")?.addEventListener("click", () => deskbell().push(["open"]));

export {};
