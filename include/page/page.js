// Airflow shows the page in a sandboxed frame of its own window. The frame may neither open a window nor lead Airflow's elsewhere, and is
// not told whether Airflow is dark. Without this script the page can be read all the same.
"use strict";

const airflow = (() => {
  try {
    return window.parent === window ? null : window.parent.document;
  } catch {
    return null; // The frame of another site.
  }
})();

if (airflow) {
  const follow = () => {
    document.documentElement.dataset.theme = airflow.documentElement.classList.contains("dark") ? "dark" : "light";
  };
  follow();
  const watch = new MutationObserver(follow);
  watch.observe(airflow.documentElement, { attributeFilter: ["class"] });
  window.addEventListener("pagehide", () => watch.disconnect());

  const leave = (event) => {
    const link = event.target.closest?.("a[target]");
    if (!link || event.button > 1) return;
    const isNew = link.target === "_blank" || event.button === 1 || event.ctrlKey || event.metaKey || event.shiftKey;
    event.preventDefault();
    const proxy = airflow.createElement("a");
    proxy.href = link.href;
    proxy.target = isNew ? "_blank" : "_self";
    proxy.rel = "noopener noreferrer";
    proxy.click();
  };
  document.addEventListener("click", leave);
  document.addEventListener("auxclick", leave);
}
