package stats

import "netperfmeter/sys"

// Load returns where the time between two looks at the same CPU went. A guest's
// time is part of User and Nice (sys.CPUTimes), so it is not counted twice. A
// category that went back counts as 0: the kernel's own Idle and IOWait do that
// a little (proc(5)), and all do when a CPU was switched off and on.
func Load(before, after sys.CPUTimes) CPULoad {
	user := float64(subtract(after.User, before.User))
	nice := float64(subtract(after.Nice, before.Nice))
	system := float64(subtract(after.System, before.System))
	idle := float64(subtract(after.Idle, before.Idle))
	wait := float64(subtract(after.IOWait, before.IOWait))
	irq := float64(subtract(after.IRQ, before.IRQ))
	softIRQ := float64(subtract(after.SoftIRQ, before.SoftIRQ))
	steal := float64(subtract(after.Steal, before.Steal))

	total := user + nice + system + idle + wait + irq + softIRQ + steal
	if total == 0 {
		return CPULoad{}
	}
	percent := 100 / total
	return CPULoad{
		User: user * percent, Nice: nice * percent,
		System: system * percent, Idle: idle * percent,
		IOWait: wait * percent, IRQ: irq * percent,
		SoftIRQ: softIRQ * percent, Hypervisor: steal * percent,
	}
}

// Loads returns the load of every CPU between two results of sys.ReadCPU: index
// 0 is all of them together. A CPU that only one of the two has is left out
// at the end.
func Loads(before, after []sys.CPUTimes) []CPULoad {
	loads := make([]CPULoad, min(len(before), len(after)))
	for i := range loads {
		loads[i] = Load(before[i], after[i])
	}
	return loads
}

// Busy returns the percentage that was neither idle nor waiting.
func (l CPULoad) Busy() float64 {
	return l.User + l.Nice + l.System + l.IRQ + l.SoftIRQ + l.Hypervisor
}
