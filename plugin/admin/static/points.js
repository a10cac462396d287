// A file that only the signed-in merchant may have: fetched with their token, then handed to the browser to keep.
(() => {
  "use strict";

  async function download(button) {
    const token = await window.shopify.idToken();
    const response = await window.fetch(button.dataset.download, { headers: { Authorization: `Bearer ${token}` } });
    if (!response.ok) throw new Error(String(response.status));
    const link = document.createElement("a");
    link.href = URL.createObjectURL(await response.blob());
    link.download = button.dataset.name;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 1000);
  }

  document.addEventListener("click", async (event) => {
    const button = event.target.closest("[data-download]");
    if (!button) return;
    button.disabled = true;
    try {
      await download(button);
    } catch {
      document.querySelector("#action-failed").hidden = false;
    } finally {
      button.disabled = false;
    }
  });
})();
