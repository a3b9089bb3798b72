// Says when new stories have come, and lets the reader decide when to see them. Everything works without it.
"use strict";
(() => {
  const place = document.getElementById("live");
  if (!place) return;
  const filters = place.dataset.filters || "";
  const url = "/updates" + filters + (filters ? "&" : "?") + "changed_after=" + encodeURIComponent(place.dataset.after);
  let tag = null;
  const look = async () => {
    if (document.hidden) return;
    try {
      const answer = await fetch(url, tag ? { headers: { "If-None-Match": tag } } : {});
      if (answer.status !== 200) return;
      tag = answer.headers.get("ETag");
      const { stories } = await answer.json();
      if (!stories) return;
      const link = document.createElement("a");
      link.href = window.location.pathname + filters;
      link.textContent = stories === 1 ? "1 story is new or has changed" : stories + " stories are new or have changed";
      place.replaceChildren(link);
    } catch { /* the server is away: the next look tells */ }
  };
  window.setInterval(look, 15000);
})();
