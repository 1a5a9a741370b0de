# Functions for the scripts of cases. Everything is in the case's own namespaces, so that names never clash.

# lab_two_hosts makes two hosts joined by two links:
#
#   client 10.81.1.1 fd81:1::1 v1 ===== v1 10.81.1.2 fd81:1::2 server
#   client 10.81.2.1 fd81:2::1 v2 ===== v2 10.81.2.2 fd81:2::2 server
lab_two_hosts() {
  local host end
  # Programs take long to start under emulation: as few as possible.
  ip -batch - <<EOF
netns add client
netns add server
EOF
  ip -batch - <<EOF
link add v1 netns client type veth peer name v1 netns server
link add v2 netns client type veth peer name v2 netns server
EOF
  for host in client server; do
    [ "$host" = client ] && end=1 || end=2
    ip -n "$host" -batch - <<EOF
link set lo up
addr add 10.81.1.$end/24 dev v1
addr add fd81:1::$end/64 dev v1 nodad
link set v1 up
addr add 10.81.2.$end/24 dev v2
addr add fd81:2::$end/64 dev v2 nodad
link set v2 up
EOF
  done
  # IPv6 is there a moment after its link.
  for end in 1 2; do
    await 10 on client ping -c 1 -W 1 "fd81:$end::2" >/dev/null
  done
}

# on HOST COMMAND... runs a command on a host.
on() {
  local host=$1
  shift
  nsenter --net="/run/netns/$host" "$@"
}

# lab_netem LINK ARGUMENT... disturbs a link in both directions, in netem's words: delay 20ms loss 5%
lab_netem() {
  local link=$1 host
  shift
  for host in client server; do
    tc -n "$host" qdisc replace dev "v$link" root netem "$@"
  done
}

lab_loss() { lab_netem "$1" loss "$2%"; }  # LINK PERCENT
lab_cut() { lab_netem "$1" loss 100%; }    # LINK: silent, as a cable far away
lab_mend() { lab_netem "$1" delay 0ms; }   # LINK

# lab_dropped HOST LINK: packets that the disturbance took on their way from the host
lab_dropped() { tc -n "$1" -s qdisc show dev "v$2" | sed -n 's/.*dropped \([0-9]*\).*/\1/p'; }

# await SECONDS COMMAND... repeats a command until it succeeds.
await() {
  local seconds=$1 tries
  shift
  tries=$((seconds * 10))
  until "$@"; do
    tries=$((tries - 1))
    if [ "$tries" -le 0 ]; then
      echo "await: not within $seconds s: $*" >&2
      return 1
    fi
    usleep 100000
  done
}

# listening PROTOCOL PORT: whether someone does here, over tcp, udp or sctp
listening() {
  local file hex
  hex=$(printf ':%04X' "$2")
  case $1 in
    tcp) cat /proc/net/tcp /proc/net/tcp6 | awk -v p="$hex" '$4 == "0A" && $2 ~ p "$" { found = 1 } END { exit !found }' ;;
    udp) cat /proc/net/udp /proc/net/udp6 | awk -v p="$hex" '$2 ~ p "$" { found = 1 } END { exit !found }' ;;
    sctp) awk -v p="$2" '$6 == p && $4 == 10 { found = 1 } END { exit !found }' /proc/net/sctp/eps ;;
    *) false ;;
  esac
}

# listening_on HOST PROTOCOL PORT
listening_on() {
  local host=$1
  shift
  on "$host" sh -c '. /lab.sh; listening "$@"' - "$@"
}

# start_passive PROGRAM PORT [OPTION...] starts ours or the reference as passive side here and waits until it listens. What
# it says goes into passive.log.
start_passive() {
  local program=$1 port=$2 one
  shift
  "$program" "$@" >passive.log 2>&1 &
  passive=$!
  for one in "$port" $((port + 1)); do
    await 20 listening tcp "$one" || return
    await 20 listening sctp "$one" || return
  done
  await 20 listening udp "$port"
}

# stop_passive interrupts it and waits for its end; it has to end well.
stop_passive() {
  kill -INT "$passive"
  wait "$passive"
}

# measure TRIES SECONDS PASSIVE ACTIVE [ARGUMENT...] measures between ours and the reference on this host, into run.sca and
# run.vec. The reference hangs now and then: each try has a limit of time, and a port of its own, which the file port
# names. What CAPTURE, a filter, selects is captured into run.pcap.
CAPTURE=
measure() {
  local tries=$1 seconds=$2 port=9000 try
  shift 2
  for try in $(seq "$tries"); do
    measure_once "$seconds" "$port" "$@" && {
      echo "$port" >port
      return
    }
    echo "measure: try $try of $tries failed"
    [ "$try" -lt "$tries" ] || return
    tail -n 5 active.log
    kill -KILL "$passive" 2>/dev/null || true
    wait "$passive" || true
    port=$((port + 10))
  done
}

measure_once() {
  local seconds=$1 port=$2 passive_program=$3 active=$4 status=0
  shift 4
  start_passive "$passive_program" "$port" || return
  [ -z "$CAPTURE" ] || capture run.pcap lo "$CAPTURE" || return
  # After the limit ours has three seconds to say where it hangs.
  timeout -s QUIT -k 3 "$seconds" "$active" "127.0.0.1:$port" -scalar=run.sca -vector=run.vec "$@" >active.log 2>&1 || status=$?
  [ -z "$CAPTURE" ] || end_capture run.pcap || return
  [ "$status" -eq 0 ] && stop_passive
}

# capture FILE DEVICE [FILTER] captures here until end_capture, from the moment that it returns.
capture() {
  local file=$1 device=$2
  shift 2
  # Each slot of its buffer (KiB) is as long as the longest packet that is captured.
  tcpdump -i "$device" -n -U -Z root -s 65536 -B 32768 --immediate-mode -w "$file" "$@" 2>"/tmp/$file.log" &
  echo $! >"/tmp/$file.pid"
  await 20 grep -q 'listening on' "/tmp/$file.log"
}

# end_capture FILE; it fails if the capture has holes.
end_capture() {
  usleep 200000 # what was sent is on its way through the capture's buffer
  kill -INT "$(cat "/tmp/$1.pid")"
  wait "$(cat "/tmp/$1.pid")" || true
  grep -q '^0 packets dropped by kernel' "/tmp/$1.log" || { cat "/tmp/$1.log"; return 1; }
}

# passive_on HOST [OPTION...] starts ours as passive side on a host, at base port 9000, and waits until it listens over all
# of its transports. What it says goes into passive.log.
passive_on() {
  local host=$1
  shift
  nsenter --net="/run/netns/$host" ours 9000 "$@" >passive.log 2>&1 &
  passive=$!
  await 20 listening_on "$host" sctp 9001
  await 20 listening_on "$host" udp 9000
}

# active_on HOST ARGUMENT... starts ours as active side on a host, into run.sca and run.vec, and returns when its measurement
# has begun; wait "$active" gives its exit status. The case's limit ends it if nothing else does.
active_on() {
  local host=$1
  shift
  nsenter --net="/run/netns/$host" ours "$@" -scalar=run.sca -vector=run.vec >active.log 2>&1 &
  active=$!
  await 30 grep -q 'measurement started' passive.log
}

# no_associations HOST: whether there is none on a host
no_associations() { on "$1" cat /proc/net/sctp/assocs | awk 'NR > 1 { found = 1 } END { exit found }'; }
