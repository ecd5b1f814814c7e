import { create, type DescFile, toBinary } from "@bufbuild/protobuf";
import { FileDescriptorSetSchema } from "@bufbuild/protobuf/wkt";
import type { Server } from "@grpc/grpc-js";
import { loadFileDescriptorSetFromBuffer } from "@grpc/proto-loader";
import { ReflectionService } from "@grpc/reflection";
import { file_grpc_health_v1_health } from "@weft/proto/grpc/health/v1/health_pb";
import type { Implementation } from "./implementation.ts";

/** Server reflection, so that grpcurl and the like need no `.proto` files. */
export function serveReflection(grpc: Server, implementations: readonly Implementation[]): void {
  const files = new Map<string, DescFile>();
  collect(file_grpc_health_v1_health, files);
  for (const { service } of implementations) collect(service.file, files);
  const set = create(FileDescriptorSetSchema, { file: [...files.values()].map((file) => file.proto) });
  const definition = loadFileDescriptorSetFromBuffer(Buffer.from(toBinary(FileDescriptorSetSchema, set)));
  new ReflectionService(definition).addToServer(grpc);
}

/** Dependencies first, as a descriptor set must be ordered. */
function collect(file: DescFile, files: Map<string, DescFile>): void {
  if (files.has(file.name)) return;
  for (const dependency of file.dependencies) collect(dependency, files);
  files.set(file.name, file);
}
