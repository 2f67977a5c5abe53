package dev.upshift.topology;

import static dev.upshift.topology.SampleTopology.with;
import static dev.upshift.topology.SampleTopology.without;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.upshift.failure.InputError;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The table of complaints about YAML and shapes: a spoiled file, and what is said about it. */
class TopologyComplaintsTest {
  /**
   * @param text the file
   * @param complaint what is said of it, after the file's name
   * @param hint a part of the hint
   */
  record Case(String text, String complaint, String hint) {
    @Override
    public String toString() {
      return complaint;
    }
  }

  static Case of(String text, String complaint, String hint) {
    return new Case(text, complaint, hint);
  }

  @ParameterizedTest
  @MethodSource({"yaml", "shapes"})
  void shouldComplainOnceAndWithAHint(Case sample) {
    check(sample);
  }

  static void check(Case sample) {
    var error =
        catchThrowableOfType(
            InputError.class, () -> TopologyFile.parse(Path.of("t.yaml"), sample.text()));
    assertThat(error).isNotNull();
    assertThat(error).hasMessage("t.yaml:" + sample.complaint());
    assertThat(error.hint()).contains(sample.hint());
  }

  static List<Case> yaml() {
    return List.of(
        of("", "1:1: the file is empty", "cluster:"),
        of("# nothing\n", "1:1: the file is empty", "cluster:"),
        of("- a\n", "1:1: a topology is a mapping, this is a list", "cluster:"),
        of("podcasts\n", "1:1: a topology is a mapping, this is text", "cluster:"),
        of("cluster: a\n\tstate: b\n", "2:1: a tab in the indentation", "spaces"),
        of("servers:\n  \t- a\n", "2:3: a tab in the indentation", "spaces"),
        of("cluster:\ta\n", "1:9: a tab where YAML wants a space", "spaces"),
        of("a: [1, 2\nb: 3\n", "2:2: this is not YAML: expected ',' or ']', but got :", "brackets"),
        of("a: b: c\n", "1:5: this is not YAML: mapping values are not allowed here", "quotes"),
        of("[".repeat(2000), "1:51: more than 50 levels deep", "less than ten"),
        of("a: \u0001\n", "1:4: the control character U+0001", "remove it"),
        of("a: '\u00e9\ud83d\ude00\u0001'\n", "1:7: the control character U+0001", "remove it"),
        of("a: \"b\n", "2:1: this is not YAML: found unexpected end of file", "quotes are closed"),
        of(
            "a: @b\n",
            "1:4: this is not YAML: found character '@' that cannot start any token.",
            "quotes"),
        of(SampleTopology.TEXT + "? [a]\n: b\n", "28:3: a key must be text, and is a list", "word"),
        of(SampleTopology.TEXT + "---\na: b\n", "28:1: a second document begins", "one topology"),
        of(
            SampleTopology.TEXT + "cluster: b\n",
            "28:1: the key 'cluster' stands here a second time",
            "line 1"),
        of(
            with("{user: postgres", "{user: a, user: postgres"),
            "6:18: the key 'user' stands here a second time",
            "line 6"),
        of(
            with("cluster: podcasts", "cluster: &c podcasts"),
            "1:10: an anchor (&) is not understood here",
            "write the value out"),
        of(with("park: db3", "park: *c"), "18:9: an alias (*) is not understood here", "write"),
        of(
            with("cluster: podcasts", "cluster: !!str podcasts"),
            "1:10: a tag (!) is not understood here",
            "leave the tag out"));
  }

  static List<Case> shapes() {
    return List.of(
        of(
            with("[systemctl, start, \"worker@{server}\"]", "[kill, -9]"),
            "23:17: 'offline.start[2]' must be a name, and is a whole number",
            "\"-9\""),
        of(without("admin"), "1:1: 'admin' is missing", "add 'admin:'"),
        of(with(", passfile: /home/ops/.pgpass", ""), "6:8: 'admin.passfile' is missing", "0600"),
        of(
            with("admin: {", "admin: {password: hunter2, "),
            "6:9: 'password' in 'admin': a password has no place in this file",
            "admin.passfile"),
        of(
            with("probe: {", "probe: {PGPASSWORD: hunter2, "),
            "27:9: 'PGPASSWORD' in 'probe': a password has no place in this file",
            ".pgpass"),
        of(
            with("  minimal", "  server: a\n  minimal"),
            "17:3: unknown key 'server' in 'online'",
            "did you mean 'servers'?"),
        of(
            with("role: primary", "role: primary, rloe: x"),
            "8:53: unknown key 'rloe' in 'servers[1]'",
            "did you mean 'role'?"),
        of(
            with("limits: {", "limits: {kept-wal: 1GB, "),
            "26:10: unknown key 'kept-wal' in 'limits'",
            "known here are: hold, lag, retained-wal"),
        of(
            with("hosts-file: {path", "pgbuncer: {}\n    hosts-file: {path"),
            "14:5: unknown key 'pgbuncer' in 'traffic[1]'",
            "did you mean 'pgbouncer'?"),
        of(
            with("hosts-file: {path: \"/srv/{server}/hosts\"}", "{}"),
            "14:5: 'traffic[1]' has 0 keys",
            "exactly one: hosts-file or pgbouncer"),
        of(
            with("\"17\"", "9.10"),
            "4:16: 'old.version' must be a PostgreSQL version, and is a number",
            "put it in quotes: \"9.10\""),
        of(
            with("\"18\"", "18"),
            "5:16: 'new.version' must be a PostgreSQL version, and is a whole number",
            "put it in quotes: \"18\""),
        of(
            with("\"17\"", "latest"),
            "4:16: 'old.version': 'latest' is not a PostgreSQL version",
            "\"17\""),
        of(
            with("port: 5432", "port: \"5432\""),
            "4:80: 'old.port' must be a whole number, and is text",
            "without quotes"),
        of(
            with("port: 5432", "port: 65536"),
            "4:80: 'old.port': 65536 is out of range",
            "from 1 to 65535"),
        of(
            with("port: 5432", "port: 99999999999999999999"),
            "4:80: 'old.port': 99999999999999999999 is out of range",
            "from 1 to 65535"),
        of(with("port: 5432", "port: -1"), "4:80: 'old.port': -1 is out of range", "from 1"),
        of(
            with("port: 5432", "port:"),
            "4:79: 'old.port' must be a whole number, and is nothing",
            "whole number"),
        of(
            with("cluster: podcasts", "cluster:"),
            "1:9: 'cluster' must be a cluster name, and is nothing",
            "lower-case"),
        of(
            with("cluster: podcasts", "cluster: 2024"),
            "1:10: 'cluster' must be a cluster name, and is a whole number",
            "\"2024\""),
        of(
            with("cluster: podcasts", "cluster: " + "a".repeat(41)),
            "1:10: 'cluster': '" + "a".repeat(41) + "' is not a cluster name",
            "at most 40"),
        of(
            with("cluster: podcasts", "cluster: \"podcasts\\n\""),
            "1:10: 'cluster': 'podcasts?' is not a cluster name",
            "lower-case"),
        of(with("access: local", "access: shh"), "2:9: 'access': 'shh' is not known", "ssh"),
        of(
            with("role: primary", "role: primry"),
            "8:44: 'servers[1].role': 'primry' is not known",
            "did you mean 'primary'?"),
        of(
            with("[web1, api1]", "web1"),
            "17:12: 'online.minimal' must be a list, and is text",
            "write [...]"),
        of(with("[web1, api1]", "[]"), "17:12: 'online.minimal' has 0 items", "at least 1"),
        of(
            with("[web, api]", "[web, [api]]"),
            "19:73: 'online.balancer.haproxy.backends[2]' must be a name, and is a list",
            "one line"),
        of(
            with("writes: false", "writes: \"no\""),
            "27:68: 'probe.writes' must be true or false, and is text",
            "no quotes"),
        of(with("rate: 50", "rate: 0"), "27:56: 'probe.rate': 0 is out of range", "to 1000"),
        of(
            with("logical: 500ms", "logical: 5"),
            "26:26: 'limits.hold.logical' must be a duration, and is a whole number",
            "500ms"),
        of(
            with("logical: 500ms", "logical: 0s"),
            "26:26: 'limits.hold.logical': '0s' is not a duration",
            "500ms"),
        of(with("lag: 20GB", "lag: 20G"), "26:53: 'limits.lag': '20G' is not a size", "20GB"),
        of(
            with("/home/ops/.pgpass", "~/.pgpass"),
            "6:35: 'admin.passfile': '~/.pgpass' is not a path",
            "'~' is not understood"),
        of(
            with("/opt/pg/18/bin", "pg/18/bin"),
            "5:27: 'new.bin': 'pg/18/bin' is not an absolute path",
            "from / on"),
        of(
            with("/srv/{server}/hosts", "/srv/{host}/hosts"),
            "14:24: 'traffic[1].hosts-file.path': '/srv/{host}/hosts' is not an absolute path",
            "{server} stands for"),
        of(
            with("work2", "../work2"),
            "21:20: 'offline.servers[2]': '../work2' is not a server name",
            "letters"),
        of(
            with("db3.internal: db3", "db3_.-x: db3"),
            "12:47: 'names': 'db3_.-x' is not a host name",
            "parts divided by '.'"),
        of(
            with("{db1.internal: db1, db2.internal: db2, db3.internal: db3}", "{}"),
            "12:8: 'names' is empty",
            "at least one"));
  }
}
