module redundancy-lab/toolchain/language-python

go 1.26

// sdk/v3 3.79.0 is the last version on the module proxy that still contains the Python language host.
tool github.com/pulumi/pulumi/sdk/v3/python/cmd/pulumi-language-python

require github.com/pulumi/pulumi/sdk/v3 v3.79.0
