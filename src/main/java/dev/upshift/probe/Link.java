package dev.upshift.probe;

import java.sql.Connection;

/** A connection and what is seen of it on the wire. */
record Link(Connection connection, ReplyWatch watch) {}
