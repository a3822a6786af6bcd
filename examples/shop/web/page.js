// The one page of the shop.
const text = (value) => String(value).replace(/[&<>"]/g, (c) => `&#${c.charCodeAt(0)};`);
const money = (cents) => `€ ${(cents / 100).toFixed(2)}`;

const productRow = (p) => `<tr><td>${text(p.name)}<td class="n">${money(p.cents)}<td>
  <form method="post" action="/orders"><input type="hidden" name="product" value="${p.id}">
  <input name="quantity" type="number" min="1" max="99" value="1" aria-label="Quantity"> <button>Order</button></form>`;

const orderRow = (o) => `<tr><td><a href="/orders/${o.id}">No. ${o.id}</a><td>${o.quantity} × ${text(o.product)}<td class="n">${money(o.cents)}<td class="${o.status}">${o.status}`;

export const page = (name, release, products, orders) => `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${text(name)}</title>
<style>
  body { max-width: 44rem; margin: 2rem auto; padding: 0 1rem; font: 1rem/1.6 system-ui, sans-serif; color: #14323f; }
  table { width: 100%; border-collapse: collapse; } td { padding: .5rem; border-bottom: 1px solid #d6e6ec; }
  form { display: flex; gap: .4rem; justify-content: end; margin: 0; } input[type=number] { width: 4rem; }
  .n { text-align: right; font-variant-numeric: tabular-nums; } .packed { color: #2a7d4f; } .queued { color: #96690d; } footer { margin-top: 2rem; color: #5d7885; }
</style>
<h1>${text(name)}</h1>
<table>${products.map(productRow).join('\n')}</table>
${orders.length ? `<h2>Your orders</h2>\n<table>${orders.map(orderRow).join('\n')}</table>` : ''}
<footer>${release ? `release ${text(release)}` : ''}</footer>
</html>
`;
