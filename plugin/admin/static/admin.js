// What the embedded page needs beside htmx: ID tokens on every action, a word when Shopify's admin is not there,
// and the one fact only the merchant's browser can learn: whether the app embed is on.
(() => {
  "use strict";

  const BRIDGE_PATIENCE_MS = 4000;
  const RETRY_HEADER = "X-Shopify-Retry-Invalid-Session-Request";
  const SECRET_PARAMETERS = ["id_token", "hmac", "session", "retried"];
  const $ = (selector) => document.querySelector(selector);
  const hasBridge = () => typeof window.shopify?.idToken === "function";
  const show = (element, isShown) => { if (element) element.hidden = !isShown; };

  // The token in the address served its purpose; it belongs in no history, no bookmark and no screenshot.
  function cleanAddress() {
    const address = new URL(location.href);
    SECRET_PARAMETERS.forEach((name) => address.searchParams.delete(name));
    history.replaceState(history.state, "", address);
  }

  async function signedFetch(url, options) {
    const token = await window.shopify.idToken();
    return window.fetch(url, { ...options, headers: { ...options.headers, Authorization: `Bearer ${token}` } });
  }

  // A token lives for a minute; one that aged on the way is worth exactly one more try.
  async function patientFetch(url, options) {
    const response = await signedFetch(url, options);
    const isWorthMore = response.status === 401 && response.headers.has(RETRY_HEADER);
    return isWorthMore ? signedFetch(url, options) : response;
  }

  function applyEmbed(isOn) {
    const step = $('[data-step="embed"]');
    if (!step || isOn === undefined) return;
    step.classList.toggle("is-done", isOn);
    step.classList.remove("is-unknown");
    const badge = step.querySelector(".badge");
    badge.textContent = isOn ? step.dataset.on : step.dataset.off;
    badge.classList.remove("is-info");
    badge.classList.toggle("is-success", isOn);
    step.querySelector('[data-mark="done"]').toggleAttribute("hidden", !isOn);
    step.querySelector('[data-mark="open"]').toggleAttribute("hidden", isOn);
    if (isOn) countOneMore();
    else $("#setup").open = true;
  }

  // The server's count leaves out the step that only we know of; it wrote both sentences.
  function countOneMore() {
    const [bar, without, withOne] = $("#progress").children;
    bar.value = Number(bar.getAttribute("value")) + 1;
    without.hidden = true;
    withOne.hidden = false;
  }

  async function embedIsOn(block) {
    const extensions = (await window.shopify?.app?.extensions?.()) ?? [];
    const blocks = extensions.filter((one) => one.type === "theme_app_extension").flatMap((one) => one.activations);
    return blocks.some((one) => one.handle === block && one.status === "active");
  }

  let embed;

  async function lookForEmbed() {
    const step = $('[data-step="embed"]');
    if (!step || typeof window.shopify?.app?.extensions !== "function") return;
    try {
      embed = await embedIsOn(step.dataset.block);
    } catch {
      return; // an admin that cannot tell leaves the step as the server drew it
    }
    applyEmbed(embed);
  }

  document.addEventListener("htmx:config:request", (event) => {
    if (!hasBridge()) {
      event.preventDefault();
      show($("#no-bridge"), true);
      return;
    }
    event.detail.ctx.fetch = patientFetch;
  });

  document.addEventListener("htmx:after:request", (event) => {
    const { response, sourceElement } = event.detail.ctx;
    const isPage = (response.headers.get("Content-Type") ?? "").startsWith("text/html");
    if (!isPage) event.preventDefault(); // a failure in machine words is nothing to put on a page
    if (sourceElement.id !== "access" && (!isPage || sourceElement.matches("form"))) show($("#action-failed"), !isPage);
  });

  document.addEventListener("htmx:error", (event) => {
    if (event.detail.ctx?.sourceElement.matches("form")) show($("#action-failed"), true);
  });

  document.addEventListener("htmx:after:swap", () => applyEmbed(embed));

  document.addEventListener("DOMContentLoaded", () => {
    if (hasBridge()) {
      cleanAddress();
      lookForEmbed();
    } else {
      setTimeout(() => show($("#no-bridge"), !hasBridge()), BRIDGE_PATIENCE_MS);
    }
  });
})();
