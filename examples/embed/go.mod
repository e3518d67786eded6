module example.com/embed

go 1.26.3

require github.com/MediaConduit/conduit v0.0.0

replace github.com/MediaConduit/conduit => ../..
