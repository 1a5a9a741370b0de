//go:build linux && race

package lab

// raceFlags builds the program under test with the race detector, as the tests themselves are.
var raceFlags = []string{"-race"}
