// A list page in the manner of VPO: it fetches and renders itself, and leaves the rest to VPOPolling.
(() => {
  const body = document.getElementById('jobs-body');
  const statuses = [];

  function render({ jobs }) {
    body.replaceChildren(
      ...jobs.map((job) => {
        const row = document.createElement('tr');
        row.dataset.jobId = job.id;
        row.textContent = `${job.file_path} ${job.status}`;
        return row;
      }),
    );
  }

  async function fetchJobs({ signal }) {
    const response = await fetch('/api/jobs?limit=50&offset=0', { signal });
    if (!response.ok) throw new Error(`HTTP ${response.status}`);
    render(await response.json());
  }

  const { interval } = window.VPOPolling.loadConfig();
  const poller = window.VPOPolling.create({
    fetchFn: fetchJobs,
    interval,
    onStatusChange: (status) => statuses.push(status),
  });
  window.VPOPolling.onCleanup(() => {
    poller.cleanup();
    navigator.sendBeacon('/left');
  });
  poller.start();
  Object.assign(window, { poller, statuses });
})();
