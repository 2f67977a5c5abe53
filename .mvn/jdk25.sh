# Sourced by ./upshift and ./check: sets JAVA_HOME to a JDK of at least version 25, or says what to install.
jdk_version() { sed -n 's/^JAVA_VERSION="\([0-9]*\).*/\1/p' "$1/release" 2>/dev/null; }
find_jdk() {
  for home in "${JAVA_HOME:-}" /usr/lib/jvm/temurin-25-jdk-* /usr/lib/jvm/*25* /usr/lib/jvm/* /opt/*jdk*; do
    [ -n "$home" ] && [ -x "$home/bin/javac" ] || continue
    version=$(jdk_version "$home")
    if [ "${version:-0}" -ge 25 ]; then JAVA_HOME=$home; export JAVA_HOME; return 0; fi
  done
  return 1
}
if ! find_jdk; then
  echo "upshift: no JDK of version 25 or newer was found (looked at JAVA_HOME, /usr/lib/jvm and /opt)." >&2
  echo "HINT: install one, for instance Eclipse Temurin's package temurin-25-jdk, or set JAVA_HOME to it." >&2
  exit 2
fi
MAVEN_OPTS="${MAVEN_OPTS:-} --sun-misc-unsafe-memory-access=allow --enable-native-access=ALL-UNNAMED"
export MAVEN_OPTS
