//go:build race

package channeltest

// The race detector makes sync.Pool forget things at random, which then have to
// be allocated again.
const raceDetector = true
