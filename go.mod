module netperfmeter

go 1.26.0

require golang.org/x/sys v0.49.0

require (
	github.com/DataDog/sketches-go v1.4.8 // indirect
	github.com/dsnet/compress v0.0.1 // indirect
	github.com/spf13/pflag v1.0.10 // indirect
	google.golang.org/protobuf v1.36.11 // indirect
)
