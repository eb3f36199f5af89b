// What is wrong must be seen: a folded part that holds a mistake opens, and the first one gets the
// keyboard.
(function () {
  let waiting = 0;

  function show() {
    const wrong = [...document.querySelectorAll("#page .mantine-InputWrapper-error")];
    wrong.forEach((one) => {
      const folded = one.closest("details");
      if (folded) folded.open = true;
    });
    const field = document.querySelector("#page [aria-invalid='true']");
    if (field) field.focus();
  }

  new MutationObserver((changes) => {
    const told = changes.some((change) =>
      [...change.addedNodes].some(
        (node) =>
          node.nodeType === 1 &&
          (node.matches(".mantine-InputWrapper-error") ||
            node.querySelector(".mantine-InputWrapper-error")),
      ),
    );
    if (!told) return;
    window.clearTimeout(waiting);
    waiting = window.setTimeout(show, 50);
  }).observe(document.documentElement, { childList: true, subtree: true });
})();
