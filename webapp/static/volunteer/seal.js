// Seals a finished interview with the wave's public key: ECDH on P-256 with a key made for this one
// envelope, HKDF-SHA-256, AES-256-GCM. Nothing on this phone opens it again.

import { base64, fromBase64Url, joined, random, utf8 } from "./bytes.js";

const CURVE = { name: "ECDH", namedCurve: "P-256" };

/**
 * The envelope in base64: ephemeral public point, iv, ciphertext with its tag.
 * `context` is bound to it: wave, unit and instance id, as the server knows them.
 */
export async function seal(publicKey, context, value) {
  const { kty, crv, x, y } = publicKey;
  const theirs = await crypto.subtle.importKey("jwk", { kty, crv, x, y }, CURVE, false, []);
  const ours = await crypto.subtle.generateKey(CURVE, true, ["deriveBits"]);
  const point = await rawPoint(ours.publicKey);
  const agreed = { name: "ECDH", public: theirs };
  const shared = new Uint8Array(await crypto.subtle.deriveBits(agreed, ours.privateKey, 256));
  const raw = await hkdf(shared, point, utf8("minyi/1/interview"));
  const key = await crypto.subtle.importKey("raw", raw, "AES-GCM", false, ["encrypt"]);
  const iv = random(12);
  const how = { name: "AES-GCM", iv, additionalData: utf8(context.join("|")) };
  const text = await crypto.subtle.encrypt(how, key, utf8(JSON.stringify(value)));
  return base64(joined(point, iv, new Uint8Array(text)));
}

// Written out, for some browsers of our floor export no raw points.
async function rawPoint(key) {
  const { x, y } = await crypto.subtle.exportKey("jwk", key);
  return joined(Uint8Array.of(4), fromBase64Url(x), fromBase64Url(y));
}

// RFC 5869 with one block, which is all that 32 bytes take.
async function hkdf(secret, salt, info) {
  const inner = await hmac(salt, secret);
  return hmac(inner, joined(info, Uint8Array.of(1)));
}

async function hmac(secret, message) {
  const how = { name: "HMAC", hash: "SHA-256" };
  const key = await crypto.subtle.importKey("raw", secret, how, false, ["sign"]);
  return new Uint8Array(await crypto.subtle.sign("HMAC", key, message));
}
