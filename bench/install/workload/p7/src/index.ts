export * as falAiClient from "@fal-ai/client";
export * as cheerio from "cheerio";
export * as yaml from "yaml";
