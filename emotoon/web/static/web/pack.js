// The pack page: the arrows move a sticker and save the new order at once.
const order = document.getElementById("order");

document.querySelectorAll("[data-move]").forEach((button) => {
  button.addEventListener("click", () => {
    const item = button.closest("li");
    const other = Number(button.dataset.move) < 0 ? item.previousElementSibling : item.nextElementSibling;
    if (!other) return;
    if (Number(button.dataset.move) < 0) other.before(item); else other.after(item);
    document.querySelectorAll("ol.pack li").forEach((row) => {
      const input = document.createElement("input");
      Object.assign(input, { type: "hidden", name: "sticker", value: row.dataset.sticker });
      order.append(input);
    });
    order.submit();
  });
});
