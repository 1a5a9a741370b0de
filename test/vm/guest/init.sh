#!/bin/sh
# The first process of the virtual machine. It loads the modules, runs the runner of cases, and switches the machine
# off when that ends.
export PATH=/bin
mount -t proc proc /proc
mount -t sysfs sysfs /sys
mount -t devtmpfs dev /dev
while read -r module; do
  insmod "/modules/$module.ko" || echo "init: cannot load $module"
done </modules/order
ip link set lo up
echo "init: ready after $(cut -d ' ' -f 1 /proc/uptime) s"
guest
sync
poweroff -f
