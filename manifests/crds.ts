import { ApiObject } from 'cdk8s';
import type { Construct } from 'constructs';
import { customResourceDefinition, type CustomKind } from '#api/custom-kind.ts';

export function crd(scope: Construct, kind: CustomKind): ApiObject {
  return new ApiObject(scope, kind.plural, customResourceDefinition(kind));
}
