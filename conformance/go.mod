module github.com/telepathine/telepathine/conformance

go 1.22
