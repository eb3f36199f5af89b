// Node-RED without editor and pages; each option as in its guide "Settings file".
module.exports = {
  flowFile: "flows.json",
  credentialSecret: false,
  httpAdminRoot: false,
  httpNodeRoot: false,
  uiHost: "127.0.0.1",
  uiPort: Number(process.env.BENCH_PORT),
  telemetry: { enabled: false, updateNotification: false },
  diagnostics: { enabled: false, ui: false },
  // The function node loads pg, which setup.sh has installed beside Node-RED.
  functionExternalModules: true,
  externalModules: {
    autoInstall: false,
    palette: { allowInstall: false, allowUpdate: false },
    modules: { allowInstall: false },
  },
  // The default waits 15 s.
  mqttReconnectTime: 1000,
  nodeMessageBufferMaxLength: 0,
  logging: { console: { level: "warn", metrics: false, audit: false } },
};
