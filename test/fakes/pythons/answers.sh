# What the fake interpreters share. They are started as
#   FAKE -E -B -X utf8 .../probe_NAME.py MARKER INPUTS
# Sourced by each fake; nothing here is an interpreter of anything.
script=$5
marker=$6

stage() {
  printf '\n%s{"stage": "%s"}\n' "$marker" "$1"
  printf '\n%s{"stage": "%s"}\n' "$marker" "$1" >&2
}

result() {
  printf '\n%s{"result": %s}\n' "$marker" "$1"
  exit 0
}

# Every fake that sources this is a working Python as far as probe_python.py can tell.
case $script in
*probe_python.py)
  stage start
  result '{"version": "'"${version:-3.11.7}"'", "implementation": "CPython", "machine": "x86_64", "bits": 64, "prefix": "/fake", "translated": '"${translated:-null}"'}'
  ;;
esac
stage start
stage import
