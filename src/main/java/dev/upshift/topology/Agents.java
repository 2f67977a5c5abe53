package dev.upshift.topology;

import java.util.List;

/**
 * Programs that act on their own when a database server stops. In the commands, {@code {server}}
 * stands for the server's name.
 *
 * @param servers the database servers that have one
 * @param pause keeps the agent of one server from acting
 * @param resume lets it act again
 * @param status exits 0 if it acts and 3 if it is paused
 */
public record Agents(
    List<String> servers, List<String> pause, List<String> resume, List<String> status) {}
