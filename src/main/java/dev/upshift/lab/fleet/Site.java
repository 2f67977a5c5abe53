package dev.upshift.lab.fleet;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.Executors;
import org.jspecify.annotations.Nullable;

/** A small HTTP server: one function answers every request, each on a thread of its own. */
final class Site {
  /** What a visitor asks: the fields come from the query and, for POST, from the form. */
  record Request(String method, String path, Map<String, String> fields) {
    String field(String name) {
      return fields.getOrDefault(name, "");
    }

    /** A number, or 0 where there is none: no row has that key. */
    long number(String name) {
      return parse(field(name));
    }

    /** The number at the end of the path. */
    long last() {
      return parse(path.substring(path.lastIndexOf('/') + 1));
    }

    private static long parse(String text) {
      return text.matches("\\d{1,18}") ? Long.parseLong(text) : 0;
    }
  }

  /** What is answered. */
  record Answer(int status, String type, String body) {
    static Answer html(String body) {
      return new Answer(200, "text/html; charset=utf-8", body);
    }

    static Answer json(String body) {
      return new Answer(200, "application/json", body);
    }

    static Answer text(int status, String body) {
      return new Answer(status, "text/plain; charset=utf-8", body + "\n");
    }
  }

  /** Answers a request; never throws for what a database says. */
  @FunctionalInterface
  interface Answering {
    Answer answer(Request request);
  }

  private static final int LARGEST_FORM_BYTES = 64 * 1024;
  private final HttpServer server;
  private final Answering answering;

  /** Listens and serves. */
  Site(InetSocketAddress address, Answering answering) throws IOException {
    // Head and body go out in two writes: without this a small answer waits for the other's ACK.
    System.setProperty("sun.net.httpserver.nodelay", "true");
    this.answering = answering;
    this.server = HttpServer.create(address, 200);
    server.createContext("/", this::serve);
    server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
    server.start();
  }

  int port() {
    return server.getAddress().getPort();
  }

  /** Takes no new connection; requests that were begun have two seconds to end. */
  void stop() {
    server.stop(2);
  }

  private void serve(HttpExchange exchange) throws IOException {
    try (exchange) {
      Answer answer = answer(exchange);
      byte[] body = answer.body().getBytes(StandardCharsets.UTF_8);
      exchange.getResponseHeaders().set("Content-Type", answer.type());
      if (answer.status() == 503) {
        exchange.getResponseHeaders().set("Retry-After", "1");
      }
      exchange.sendResponseHeaders(answer.status(), body.length);
      exchange.getResponseBody().write(body);
    }
  }

  private Answer answer(HttpExchange exchange) throws IOException {
    Map<String, String> fields = new HashMap<>();
    addFields(fields, exchange.getRequestURI().getRawQuery());
    byte[] form = exchange.getRequestBody().readNBytes(LARGEST_FORM_BYTES);
    addFields(fields, new String(form, StandardCharsets.UTF_8));
    String path = exchange.getRequestURI().getPath();
    try {
      return answering.answer(new Request(exchange.getRequestMethod(), path, fields));
    } catch (RuntimeException e) {
      e.printStackTrace();
      return Answer.text(500, "this is a fault of ours");
    }
  }

  private static void addFields(Map<String, String> fields, @Nullable String encoded) {
    if (encoded == null || encoded.isBlank()) {
      return;
    }
    for (String pair : encoded.split("&")) {
      int equals = pair.indexOf('=');
      if (equals > 0) {
        fields.put(decode(pair.substring(0, equals)), decode(pair.substring(equals + 1)));
      }
    }
  }

  private static String decode(String text) {
    try {
      return URLDecoder.decode(text, StandardCharsets.UTF_8);
    } catch (IllegalArgumentException e) {
      return text; // a stray percent sign in what a visitor typed
    }
  }
}
