// Dash would write this line into the page; as a file it needs no exception from the security policy.
window.renderer = new DashRenderer();
