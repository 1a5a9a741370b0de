//go:build !linux

package channels

import "runtime"

// ReadEnvironment knows what the program was built for.
func ReadEnvironment() Environment {
	return Environment{System: runtime.GOOS, Machine: runtime.GOARCH}
}

// MPTCPCounters has nothing to say here.
func MPTCPCounters() map[string]uint64 { return nil }
