export * as gradioClient from "@gradio/client";
