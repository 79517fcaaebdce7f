// Node's fetch knows no proxies by itself. (Certificate authorities of one's own it does: NODE_EXTRA_CA_CERTS.)
import { EnvHttpProxyAgent, setGlobalDispatcher } from 'undici';

/** Requests go through HTTPS_PROXY or HTTP_PROXY, except to hosts in NO_PROXY. */
export function useProxies(env: Readonly<Record<string, string | undefined>>): void {
  if (env.HTTPS_PROXY || env.https_proxy || env.HTTP_PROXY || env.http_proxy)
    setGlobalDispatcher(new EnvHttpProxyAgent());
}
