package project

import "io/fs"

// ofAnother is always false: on Windows the folders that all users can write to are not above those of projects.
func ofAnother(fs.FileInfo) bool { return false }
