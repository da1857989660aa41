// Says when runs come in: by the server's events, and by the clock where these
// do not get through.

const everyMs = 5_000;

// watch calls changed with the runs of an event, or with none when nothing but
// time has passed, and told with how it listens: live, polling or offline.
export function watch(url, changed, told) {
  let timer = 0, later = 0, events, runs = [];
  const soon = (more) => {
    runs.push(...more);
    clearTimeout(later); // runs come in bursts
    later = setTimeout(() => changed(runs.splice(0)), 250);
  };
  const tick = () => {
    told(navigator.onLine ? "polling" : "offline");
    changed([]);
    if (events.readyState === EventSource.CLOSED) listen(); // it does not try again after a refusal
  };
  const listen = () => {
    events = new EventSource(url);
    events.addEventListener("runs", (e) => soon(JSON.parse(e.data).runs));
    events.addEventListener("open", () => {
      told("live");
      if (!timer) return;
      clearInterval(timer);
      timer = 0;
      soon([]); // what came while nobody listened
    });
    events.addEventListener("error", () => {
      told(navigator.onLine ? "polling" : "offline");
      timer ||= setInterval(tick, everyMs);
    });
  };
  listen();
  // A page that nobody sees leaves its connection to others: browsers have few.
  document.addEventListener("visibilitychange", () => {
    if (document.hidden) {
      events.close();
      clearInterval(timer);
      timer = 0;
    } else {
      listen();
      soon([]);
    }
  });
}
