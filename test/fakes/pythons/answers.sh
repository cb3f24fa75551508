# What the fake interpreters share. They are started as
#   FAKE -E -B -X utf8 .../main.py probe python|FRAMEWORK MARKER INPUTS
# Sourced by each fake; nothing here is an interpreter of anything.
probed=$7
marker=$8

stage() {
  printf '\n%s{"stage": "%s"}\n' "$marker" "$1"
  printf '\n%s{"stage": "%s"}\n' "$marker" "$1" >&2
}

result() {
  printf '\n%s{"result": %s}\n' "$marker" "$1"
  exit 0
}

# A device as the drivers describe it: kind, name, whether it is a GPU.
device() {
  printf '{"kind": "%s", "name": "%s", "isGpu": %s, "dtypes": ["f32"], "modes": ["function"]}' "$1" "$2" "$3"
}

# The sum of the example on a device: the values, and the kind of the device that computed it.
sum() {
  printf '"examples": {"add": {"outputs": {"c": [%s]}, "placement": [{"op": "add", "placed": "%s", "kernel": "tf.add", "evidence": "reported"%s}]}}' "$1" "$2" "$3"
}

# Every fake that sources this is a working Python as far as the probe of the interpreter can tell.
case $probed in
python)
  stage start
  result '{"version": "'"${version:-3.11.7}"'", "implementation": "CPython", "machine": "x86_64", "bits": 64, "prefix": "/fake", "translated": '"${translated:-null}"'}'
  ;;
esac
stage start
stage import
