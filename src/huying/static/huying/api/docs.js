// Starts the description's page. A signed-in person may try things out by the session; the CSRF
// token comes from its cookie, as it does on every other page.
(() => {
  const place = document.getElementById("description");
  const cookie = (name) =>
    document.cookie
      .split("; ")
      .find((each) => each.startsWith(`${name}=`))
      ?.slice(name.length + 1);
  SwaggerUIBundle({
    url: place.dataset.url,
    domNode: place,
    presets: [SwaggerUIBundle.presets.apis],
    layout: "BaseLayout",
    deepLinking: true,
    docExpansion: "list",
    defaultModelsExpandDepth: 0,
    validatorUrl: null,
    requestInterceptor: (request) => {
      request.headers["X-CSRFToken"] = cookie("huying-csrf") ?? "";
      return request;
    },
  });
})();
