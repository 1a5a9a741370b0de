module netperfmeter

go 1.26.0

require golang.org/x/sys v0.49.0

require github.com/dsnet/compress v0.0.1 // indirect
