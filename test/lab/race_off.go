//go:build linux && !race

package lab

var raceFlags []string
