module netperfmeter

go 1.25.0

require (
	github.com/DataDog/sketches-go v1.4.8
	github.com/spf13/pflag v1.0.10
	golang.org/x/sys v0.45.0
)

require google.golang.org/protobuf v1.36.11 // indirect
