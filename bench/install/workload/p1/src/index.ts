export * as axios from "axios";
