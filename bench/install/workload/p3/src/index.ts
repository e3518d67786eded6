export * as nodeFetch from "node-fetch";
export * as replicate from "replicate";
export * as uuid from "uuid";
