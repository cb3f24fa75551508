#!/usr/bin/env bash
# A real Slurm cluster of several nodes on this machine: munged, slurmctld, and a slurmd per node, on loopback.
#   cluster.sh DIR CONTROLLER_PORT NODE=PORT...
# It prints "ready" once every node is idle, and ends with all of its daemons when its stdin ends: whatever becomes of
# the test, nothing is left. Needs root, and Debian's or Ubuntu's slurm-wlm and munge. DIR/extra.conf is part of
# slurm.conf; scontrol reconfigure reads it again.
set -euo pipefail
dir=$1 port=$2
shift 2
host=$(hostname -s)
export SLURM_CONF=$dir/slurm.conf
names=()
[ -e "$dir/extra.conf" ] || echo '# nothing yet' >"$dir/extra.conf"
cat >"$SLURM_CONF" <<CONF
ClusterName=mpsbench
SlurmctldHost=$host(127.0.0.1)
SlurmctldPort=$port
SlurmUser=root
SlurmdUser=root
AuthType=auth/munge
AuthInfo=socket=$dir/munge.sock
CredType=cred/munge
StateSaveLocation=$dir/state
SlurmdSpoolDir=$dir/spool-%n
SlurmctldPidFile=$dir/slurmctld.pid
SlurmdPidFile=$dir/slurmd-%n.pid
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
SchedulerParameters=sched_min_interval=100000
ReturnToService=2
MpiDefault=none
KillWait=2
Include $dir/extra.conf
CONF
for node in "$@"; do
  names+=("${node%=*}")
  echo "NodeName=${node%=*} NodeHostname=$host NodeAddr=127.0.0.1 Port=${node#*=} CPUs=1 State=UNKNOWN" >>"$SLURM_CONF"
done
echo "PartitionName=test Nodes=$(IFS=,; echo "${names[*]}") Default=YES State=UP" >>"$SLURM_CONF"
# No node asks systemd for a control group of its own.
echo 'IgnoreSystemd=yes' >"$dir/cgroup.conf"
mkdir -p "$dir/state"
head -c 1024 /dev/urandom >"$dir/munge.key"
chmod 400 "$dir/munge.key"

stop() {
  trap - EXIT
  timeout 5 scancel --state=RUNNING,PENDING --partition=test 2>/dev/null || true
  for _ in $(seq 30); do
    [ -z "$(timeout 5 squeue --noheader 2>/dev/null)" ] && break
    sleep 0.2
  done
  kill $(jobs -p) 2>/dev/null || true
  # A daemon that hangs must not outlive the test.
  for _ in $(seq 50); do
    [ -z "$(jobs -rp)" ] && return
    sleep 0.2
  done
  kill -KILL $(jobs -p) 2>/dev/null || true
}
trap stop EXIT
trap 'exit 1' INT TERM HUP

munged --foreground --force --key-file="$dir/munge.key" --socket="$dir/munge.sock" --pid-file="$dir/munge.pid" \
  --log-file="$dir/munge.log" --seed-file="$dir/munge.seed" >"$dir/munged.out" 2>&1 </dev/null &
for _ in $(seq 50); do [ -S "$dir/munge.sock" ] && break; sleep 0.1; done
slurmctld -D >"$dir/slurmctld.log" 2>&1 </dev/null &
for name in "${names[@]}"; do
  MPSBENCH_TEST_NODE=$name slurmd -D -N "$name" >"$dir/slurmd-$name.log" 2>&1 </dev/null &
done
for _ in $(seq 150); do
  [ "$(sinfo --noheader --Node --format=%T 2>/dev/null | grep -cx idle)" = "${#names[@]}" ] && break
  sleep 0.2
done
[ "$(sinfo --noheader --Node --format=%T | grep -cx idle)" = "${#names[@]}" ] || {
  echo "the nodes are not idle:" >&2
  sinfo --Node --long >&2 || true
  tail -n 5 "$dir"/*.log >&2
  exit 1
}
echo ready
cat >/dev/null
