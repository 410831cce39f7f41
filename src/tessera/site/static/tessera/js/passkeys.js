// Passkeys: asks the browser's authenticator and posts what it answers. Words stand in the page's data attributes.
const decode = (text) =>
  Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (character) => character.charCodeAt(0));
const encode = (buffer) =>
  btoa(String.fromCharCode(...new Uint8Array(buffer))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
const decoded = (descriptor) => ({ ...descriptor, id: decode(descriptor.id) });

/** The binary parts of the server's options, decoded. */
function prepared({ publicKey }) {
  const options = { ...publicKey, challenge: decode(publicKey.challenge) };
  if (options.user) options.user = { ...options.user, id: decode(options.user.id) };
  if (options.allowCredentials) options.allowCredentials = options.allowCredentials.map(decoded);
  if (options.excludeCredentials) options.excludeCredentials = options.excludeCredentials.map(decoded);
  return options;
}

/** A credential as JSON, as the WebAuthn specification's toJSON() gives it. */
function written(credential) {
  const { response } = credential;
  const parts = { clientDataJSON: encode(response.clientDataJSON) };
  for (const name of ["attestationObject", "authenticatorData", "signature", "userHandle"]) {
    if (response[name]) parts[name] = encode(response[name]);
  }
  if (response.getTransports) parts.transports = response.getTransports();
  return {
    id: credential.id,
    rawId: encode(credential.rawId),
    type: credential.type,
    authenticatorAttachment: credential.authenticatorAttachment,
    clientExtensionResults: credential.getClientExtensionResults(),
    response: parts,
  };
}

async function asked(form, address, ask) {
  const said = form.querySelector("[data-said]");
  const button = form.querySelector("button");
  said.hidden = true;
  button.classList.add("is-busy");
  try {
    const answer = await fetch(address, {
      method: "POST",
      headers: { "X-CSRFToken": form.elements.csrfmiddlewaretoken.value },
    });
    const options = await answer.json();
    if (options.go) return location.assign(options.go);
    const credential = await ask(prepared(options));
    form.elements.credential.value = JSON.stringify(written(credential));
    form.submit();
  } catch {
    said.textContent = form.dataset.failed;
    said.hidden = false;
    button.classList.remove("is-busy");
  }
}

const available = Boolean(window.PublicKeyCredential) && window.isSecureContext;
for (const form of document.querySelectorAll("form[data-passkey]")) {
  form.hidden = !available || /^[\d.]+$|^\[/.test(location.hostname);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    asked(form, form.dataset.passkey, (publicKey) => navigator.credentials.get({ publicKey }));
  });
}
for (const form of document.querySelectorAll("form[data-new-passkey]")) {
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    asked(form, form.dataset.newPasskey, (publicKey) => navigator.credentials.create({ publicKey }));
  });
}
