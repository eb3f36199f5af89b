// The identity provider of the tests: oidc-provider as a process of its own, with people who are
// whoever they say. Their login is their subject, and a query string of what else is said of them:
// name=a&email=a@b.example&email_verified=1
//   node identity_provider.mjs HOME ISSUER BACK ONWARD WHERE
// HOME: where it is installed; BACK, ONWARD: where people may be sent after signing in and out;
// WHERE: "token" has the address in the ID token, "userinfo" has it asked for.
import { generateKeyPairSync } from 'node:crypto';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';

const [home, issuer, back, onward, where] = process.argv.slice(2);
const installed = createRequire(`${home}/package.json`).resolve('oidc-provider');
const { default: Provider } = await import(pathToFileURL(installed));
const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
const provider = new Provider(issuer, {
  clients: [{
    client_id: 'gebaeude',
    client_secret: 'not a secret: +%&',
    redirect_uris: [back],
    post_logout_redirect_uris: [onward],
  }],
  jwks: { keys: [{ ...privateKey.export({ format: 'jwk' }), use: 'sig', kid: `key-${process.pid}` }] },
  cookies: { keys: ['not a secret'] },
  claims: { openid: ['sub'], email: ['email', 'email_verified'] },
  conformIdTokenClaims: where === 'userinfo',
  findAccount: (ctx, login) => {
    const { email_verified: verified, ...said } = Object.fromEntries(new URLSearchParams(login));
    const claims = { ...said, email_verified: verified === '1', sub: login };
    return { accountId: login, claims: () => claims };
  },
  // Whoever signs in agrees that we are told their address.
  loadExistingGrant: async ({ oidc }) => {
    const { clientId } = oidc.client;
    const grant = new provider.Grant({ clientId, accountId: oidc.session.accountId });
    grant.addOIDCScope('openid email');
    await grant.save();
    return grant;
  },
});
const server = createServer(provider.callback());
server.listen(0, '127.0.0.1', () => console.log(server.address().port));
process.stdin.on('end', () => process.exit()).resume(); // with whoever started it
