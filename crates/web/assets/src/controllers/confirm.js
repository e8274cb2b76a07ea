// Asks before what cannot be undone: data-turbo-confirm on the form says what will be lost.
export default function confirm(message) {
  const dialog = document.getElementById("confirmation");
  dialog.querySelector("p").textContent = message;
  dialog.returnValue = "no";
  dialog.showModal();
  return new Promise((answer) => dialog.addEventListener("close", () => answer(dialog.returnValue === "yes"), { once: true }));
}
